// Paints a tree that Rust made. Elements and text only: whatever a hostile page wrote stays text.
// A classic script: the popup, the details page and the card's isolated world all load it.

globalThis.faultlinePaint = (() => {
  const HTML = new Set(['main', 'header', 'section', 'div', 'p', 'h1', 'h2', 'h3', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'span', 'strong', 'button', 'pre', 'details', 'summary', 'a']);
  const SVG = new Set(['svg', 'g', 'line', 'circle', 'path']);
  const ATTRIBUTE = /^(id|class|role|lang|dir|type|disabled|aria-[a-z]+|data-[a-z]+|viewBox|focusable|transform|d|r|cx|cy|x1|x2|y1|y2)$/;

  const create = (tag) => {
    if (HTML.has(tag)) return document.createElementNS('http://www.w3.org/1999/xhtml', tag);
    if (SVG.has(tag)) return document.createElementNS('http://www.w3.org/2000/svg', tag);
    throw new Error(`not painted: ${tag}`);
  };

  const dress = (element, attrs) => {
    // Later values of one name win, as `class` may be given twice.
    const wanted = new Map(attrs.filter(([name]) => ATTRIBUTE.test(name)));
    for (const { name } of Array.from(element.attributes)) if (!wanted.has(name)) element.removeAttribute(name);
    for (const [name, value] of wanted) if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };

  // Changes only what differs, so that focus, selection and a screen reader's place stay where they are.
  const patch = (parent, old, node) => {
    if (typeof node === 'string') {
      if (old?.nodeType === Node.TEXT_NODE) {
        if (old.data !== node) old.data = node;
        return old;
      }
      return place(parent, old, document.createTextNode(node));
    }
    const element = old?.localName === node.tag ? old : place(parent, old, create(node.tag));
    const open = element.localName === 'details' && element.open;
    dress(element, node.attrs);
    if (open) element.open = true;
    // These are filled by the page itself.
    if (node.attrs.some(([name]) => name === 'data-note' || name === 'data-fill')) return element;
    node.kids.forEach((kid, n) => patch(element, element.childNodes[n], kid));
    while (element.childNodes.length > node.kids.length) element.lastChild.remove();
    return element;
  };

  const place = (parent, old, fresh) => {
    if (old) old.replaceWith(fresh);
    else parent.append(fresh);
    return fresh;
  };

  /** Brings the children of `parent` in line with `tree`, and returns the root element. */
  return (parent, tree) => {
    const old = parent.querySelector?.(':scope > #faultline') ?? parent.getElementById?.('faultline');
    return patch(parent, old, tree);
  };
})();
