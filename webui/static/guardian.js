// Pages work without this. With it, a form is sent in place, what is live is kept fresh,
// and ends are counted down. Nothing here decides anything.
(() => {
  "use strict";
  const POLL_MS = 15000, WARN_S = 120;
  const page = (html) => new DOMParser().parseFromString(html, "text/html");

  function show(next, url) {
    const main = document.getElementById("main");
    const focused = document.activeElement && document.activeElement.id;
    const place = document.activeElement && document.activeElement.getAttribute("aria-label");
    main.replaceChildren(...next.getElementById("main").childNodes);
    const bar = document.querySelector(".bottom"), newBar = next.querySelector(".bottom");
    if (bar && newBar) bar.replaceChildren(...newBar.childNodes);
    document.title = next.title;
    if (url && url !== location.href) history.pushState(null, "", url);
    const at = main.querySelector("[data-focus], [autofocus]") || (focused && document.getElementById(focused)) ||
      [...main.querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === place);
    (at || main).focus({ preventScroll: !main.querySelector("[data-focus], [autofocus]") });
    prepare(main);
  }

  async function send(form, button) {
    const fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.set(button.name, button.value);
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields, credentials: "same-origin" });
      const end = form.closest("#ending");
      // Whoever is filling in the page goes on with it.
      if (end && answer.ok) { end.hidden = true; form.removeAttribute("aria-busy"); return; }
      show(page(await answer.text()), answer.url);
    } catch {
      // Nobody answered: the browser's own way tells the truth of it.
      form.submit();
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.enctype === "multipart/form-data" || "whole" in form.dataset) return;
    if (new URL(form.action).origin !== location.origin) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") !== "true") send(form, event.submitter);
  });
  document.addEventListener("click", (event) => {
    // Not a step back: whoever leaves a page of help shall not be led there again.
    const leave = event.target.closest("[data-leave]");
    if (leave) { event.preventDefault(); location.replace(leave.href); }
  });
  addEventListener("popstate", () => location.reload());

  let tag = null;
  // The form token looks different in each answer, and means the same.
  const said = (part) => part.innerHTML.replace(/ name="form_token" value="[^"]*"/g, "");
  async function poll() {
    const parts = document.querySelectorAll("[data-live][id]");
    if (document.hidden || !parts.length) return;
    try {
      const answer = await fetch(location.href, { headers: { "X-Requested-With": "guardian", ...(tag && { "If-None-Match": tag }) }, credentials: "same-origin" });
      const end = document.getElementById("ending"), left = answer.headers.get("Session-Left");
      if (end) end.hidden = !left || left > WARN_S;
      if (answer.status !== 200 || answer.redirected) return;
      tag = answer.headers.get("ETag");
      const next = page(await answer.text());
      for (const part of parts) {
        const fresh = next.getElementById(part.id);
        // Whoever is at work in it is not interrupted.
        if (!fresh || part.contains(document.activeElement) || part.querySelector("details[open]")) continue;
        if (said(fresh) !== said(part)) { part.replaceChildren(...fresh.childNodes); prepare(part); }
      }
    } catch { /* away from home, or the router is starting: the next time will tell */ }
  }
  setInterval(poll, POLL_MS);
  document.addEventListener("visibilitychange", poll);

  function prepare(root) {
    for (const button of root.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
    for (const part of root.querySelectorAll("[data-hides]")) part.hidden = true;
    for (const part of root.querySelectorAll("[data-shows]")) part.hidden = false;
    const first = root.querySelector("[data-focus]");
    if (first && root === document) first.focus();
  }
  prepare(document);
  if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register("/sw.js").catch(() => {});
})();
