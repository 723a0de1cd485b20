// Paints a tree that Rust made. Elements and text only: whatever a hostile page wrote stays text.
// A classic script: our own pages and the card's isolated world all load it.

globalThis.faultlinePaint = (() => {
  const HTML = new Set(['main', 'header', 'section', 'div', 'p', 'h1', 'h2', 'h3', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'span', 'strong', 'code', 'button', 'pre', 'details', 'summary', 'a']);
  const SVG = new Set(['svg', 'g', 'line', 'circle', 'path', 'rect']);
  const ATTRIBUTE = /^(id|class|role|lang|dir|type|tabindex|href|aria-[a-z]+|data-[a-z]+|viewBox|preserveAspectRatio|focusable|transform|d|r|x|y|width|height|cx|cy|x1|x2|y1|y2)$/;
  // A page of our own, a page of the web, a letter: never a script.
  const LINK = /^([a-z]+\.html(#[\w-]*)?$|https:\/\/|mailto:)/;

  const create = (tag) => {
    if (HTML.has(tag)) return document.createElementNS('http://www.w3.org/1999/xhtml', tag);
    if (SVG.has(tag)) return document.createElementNS('http://www.w3.org/2000/svg', tag);
    throw new Error(`not painted: ${tag}`);
  };

  const dress = (element, attrs) => {
    // Later values of one name win, as `class` may be given twice.
    const wanted = new Map(attrs.filter(([name, value]) => ATTRIBUTE.test(name) && (name !== 'href' || LINK.test(value))));
    if (/^https:/.test(wanted.get('href') ?? '')) wanted.set('target', '_blank').set('rel', 'noreferrer');
    // What the visitor has opened stays open.
    for (const { name } of Array.from(element.attributes)) if (!wanted.has(name) && name !== 'open') element.removeAttribute(name);
    for (const [name, value] of wanted) if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };

  // The same thing before and after: what it is called, or else what it is.
  const NAMES = ['data-key', 'id', 'data-do', 'data-check', 'data-hop'];
  const key = (tag, get) => `${tag} ${NAMES.map(get).find(Boolean) ?? get('class')?.split(' ')[0] ?? ''}`;
  const keyOfNode = (node) => (typeof node === 'string' ? '' : key(node.tag, (name) => node.attrs.findLast(([n]) => n === name)?.[1]));
  const keyOfElement = (old) => (old.nodeType === Node.ELEMENT_NODE ? key(old.localName, (name) => old.getAttribute(name)) : '');

  // Changes only what differs, so that focus, selection and a screen reader's place stay where they are.
  const patchKids = (parent, kids) => {
    const wanted = kids.map(keyOfNode);
    const spare = wanted.slice();
    for (const old of Array.from(parent.childNodes)) {
      const at = spare.indexOf(keyOfElement(old));
      if (at < 0) old.remove();
      else spare.splice(at, 1);
    }
    kids.forEach((kid, n) => {
      let here = parent.childNodes[n];
      if (!here || keyOfElement(here) !== wanted[n]) {
        const later = Array.from(parent.childNodes).slice(n).find((old) => keyOfElement(old) === wanted[n]);
        here = later ?? (typeof kid === 'string' ? document.createTextNode('') : create(kid.tag));
        parent.insertBefore(here, parent.childNodes[n] ?? null);
      }
      patch(here, kid);
    });
  };

  const patch = (old, node) => {
    if (typeof node === 'string') {
      if (old.data !== node) old.data = node;
      return;
    }
    dress(old, node.attrs);
    // These are filled by the page itself.
    if (node.attrs.some(([name]) => name === 'data-note' || name === 'data-fill')) return;
    patchKids(old, node.kids);
  };

  /** Brings `#faultline` among the children of `parent` in line with `tree`, and returns it. */
  return (parent, tree) => {
    let root = parent.querySelector(':scope > #faultline');
    if (root?.localName !== tree.tag) {
      const fresh = create(tree.tag);
      if (root) root.replaceWith(fresh);
      else parent.append(fresh);
      root = fresh;
    }
    patch(root, tree);
    return root;
  };
})();
