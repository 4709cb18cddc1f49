// The contents show what has all the words of the search, in any order, in its name, path, keys or codes.
const search = document.querySelector("#search");
const found = document.querySelector("#found");
const lists = [...document.querySelectorAll("#menu ul")];

const show = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const list of lists) {
    let some = words.length === 0;
    for (const entry of list.children) {
      const fits = words.length === 0
        ? !entry.hasAttribute("data-when-searched")
        : entry.dataset.words && words.every((word) => entry.dataset.words.includes(word));
      entry.hidden = !fits;
      some ||= fits;
      count += fits ? 1 : 0;
    }
    list.hidden = !some;
    list.previousElementSibling.hidden = !some; // its heading
  }
  found.textContent = words.length === 0 ? "" : `${count} found`;
};

search.closest("p").hidden = false;
search.addEventListener("input", show);
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    search.value = "";
    show();
  }
  const first = document.querySelector("#menu li[data-words]:not([hidden]) a");
  if (event.key === "Enter" && search.value.trim() !== "" && first) {
    location.hash = first.hash;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea") && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});
