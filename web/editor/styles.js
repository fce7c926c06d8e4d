// What CodeMirror takes for the npm package style-mod (see main.go). The policy
// of our pages refuses <style> elements; style-mod writes one into a document,
// but a constructed style sheet, which the policy allows, into a shadow root.
// So it is shown the document as if that were one.
import { StyleModule as Original } from "./node_modules/style-mod/src/style-mod.js";

const root = {
  ownerDocument: document,
  get adoptedStyleSheets() { return document.adoptedStyleSheets; },
  set adoptedStyleSheets(sheets) { document.adoptedStyleSheets = sheets; },
};

export class StyleModule extends Original {
  static mount(_, modules) { Original.mount(root, modules); }
}
