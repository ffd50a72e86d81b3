// What a page shows, and what payloads have added to it. Evaluated by page_monitor.py.
() => {
  const MARKS = "[data-ran],.ran,#ran,iframe,frame,object,embed,applet,base,template,marquee,script:not([src])";
  const POINTS = ["href", "xlink:href", "src", "srcset", "action", "formaction", "data", "poster"];
  const OURS = new URL(document.baseURI).origin;
  const leadsOut = (value) => {
    try { return new URL(value, document.baseURI).origin !== OURS; } catch { return true; }
  };
  const isEvil = ({ name, value }) =>
    /^(on|hx-on|data-hx)/.test(name) || /elsewhere/.test(name)
    || (POINTS.includes(name) && leadsOut(value)) || (name === "style" && /url|expression/.test(value));
  const elements = [...document.querySelectorAll("*")];
  const marked = elements.filter((e) => e.matches(MARKS) || [...e.attributes].some(isEvil));
  const TEXT_ATTRIBUTES = ["value", "alt", "title", "aria-label"];
  const values = elements.flatMap((e) => [e.value, ...TEXT_ATTRIBUTES.map((name) => e.getAttribute(name))]);

  // Interface words whose second letter is left of the first: a text nearby has reversed them.
  const DIRECTED = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/;
  const SKIPPED = ".text, script, style, option, textarea";
  const rectangle = (node, at) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect();
  };
  const isBackwards = (node) => {
    const at = node.data.search(/[A-Za-z]{2}/);
    if (at < 0 || DIRECTED.test(node.data) || node.parentElement.closest(SKIPPED)) return false;
    const [first, second] = [rectangle(node, at), rectangle(node, at + 1)];
    return first.width > 0 && first.top === second.top && second.left < first.left;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const backwards = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (isBackwards(node)) backwards.push(node.parentElement.outerHTML.slice(0, 160));
  }
  return {
    marked: marked.map((e) => e.outerHTML.slice(0, 200)),
    shown: [document.documentElement.textContent, ...values.filter((v) => typeof v === "string")].join("\0"),
    calls: window.calls,
    violations: window.violations,
    backwards,
  };
}
