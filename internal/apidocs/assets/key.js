// The reader's keys stand in the examples. They are kept in their fields and nowhere else.
const quoted = {
  shell: (key) => key.replaceAll("'", "'\\''"),
  text: (key) => JSON.stringify(key).slice(1, -1),
};

document.querySelectorAll("input[data-key]").forEach((input) => {
  const blank = input.placeholder;
  const spans = document.querySelectorAll(`span[data-fill="${input.dataset.key}"]`);
  input.value = ""; // a browser may have kept it
  input.addEventListener("input", () => {
    const key = input.value.trim();
    spans.forEach((span) => { span.textContent = key === "" ? blank : quoted[span.dataset.quoting](key); });
  });
});
