// One choice of a language for all examples.
const choices = document.querySelectorAll(".languages button");

const choose = (language) => {
  choices.forEach((button) => { button.setAttribute("aria-pressed", button.dataset.choice === language); });
  document.querySelectorAll("figure[data-language]").forEach((figure) => { figure.hidden = figure.dataset.language !== language; });
};

document.querySelectorAll(".languages").forEach((group) => { group.hidden = false; });
choices.forEach((button) => {
  button.addEventListener("click", () => {
    const before = button.getBoundingClientRect().top;
    choose(button.dataset.choice);
    scrollBy({ top: button.getBoundingClientRect().top - before, behavior: "instant" }); // it stays under the pointer
  });
});
choose("curl");
