// Calls of the page, to the server that it came from.
const keyOf = (name) => document.querySelector(`input[data-key="${name}"]`);
const base64 = (text) => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
const headerOf = {
  server: (key) => ["Server-Key", base64(key)],
  app: (key) => ["App-Key", base64(key)],
  token: (key) => ["Authorization", `Bearer ${key}`],
};

document.querySelectorAll(".try").forEach((box) => {
  const button = box.querySelector(".send");
  const answer = box.querySelector("figure");
  const say = (how, text) => {
    answer.hidden = false;
    answer.querySelector(".how").textContent = how;
    answer.querySelector("code").textContent = text;
  };

  const send = async () => {
    const names = box.dataset.keys.split(" ").filter(Boolean);
    const missing = names.map(keyOf).find((input) => input.value.trim() === "");
    if (missing) {
      say("not sent", `${missing.labels[0].textContent.trim()} is missing: `);
      const link = document.createElement("a");
      link.href = `#${missing.id}`; // which a browser puts the cursor into
      link.textContent = "put it in";
      answer.querySelector("code").append(link);
      return;
    }
    const body = box.querySelector("textarea")?.value ?? "{}";
    const headers = new Headers(names.map((name) => headerOf[name](keyOf(name).value.trim())));
    headers.set("Content-Type", "application/json");
    const began = performance.now();
    const response = await fetch(box.dataset.path, {
      method: "POST", headers, body, mode: "same-origin", credentials: "omit", redirect: "error", cache: "no-store",
    });
    const text = await response.text();
    const how = `HTTP ${response.status}, ${Math.round(performance.now() - began)} ms`;
    try {
      say(how, JSON.stringify(JSON.parse(text), null, 2));
    } catch {
      say(how, text);
    }
  };

  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await send();
    } catch (error) {
      say("failed", String(error));
    } finally {
      button.disabled = false;
    }
  });
});
