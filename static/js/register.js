/* A file that is too big is told so before it travels; the server says the same. */
(function () {
  "use strict";
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-most-bytes]");
    if (!form || event.target.type !== "file") return;
    var file = event.target.files[0];
    var big = file && file.size > Number(form.getAttribute("data-most-bytes"));
    event.target.setCustomValidity(big ? form.getAttribute("data-too-big") : "");
    event.target.reportValidity();
  });
})();
