/* With JavaScript the file field, whose words are the browser's, hands over to a button in our own. */
for (const button of document.querySelectorAll("[data-opens]")) {
  const input = document.querySelector(button.dataset.opens);
  input.classList.add("visually-hidden");
  input.tabIndex = -1;
  button.hidden = false;
  button.addEventListener("click", () => input.click());
}
