// How the editor looks: the colours are those of web/css/tokens.css, so light and
// dark come from there.
import { EditorView, Decoration, MatchDecorator, ViewPlugin } from "@codemirror/view";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const frame = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 12px 0 8px" },
  ".cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--surface-2) 60%, transparent)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 22%, transparent)",
  },
  ".cm-gutters": {
    backgroundColor: "var(--surface-2)", color: "var(--text-dim)", border: "none",
    borderRight: "1px solid var(--line)", fontVariantNumeric: "tabular-nums",
  },
  "&.cm-focused .cm-gutters": { borderRightColor: "var(--accent)", boxShadow: "inset -1px 0 var(--accent)" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "32px", padding: "0 8px 0 4px" },
  ".cm-activeLineGutter": { backgroundColor: "var(--surface-3)", color: "var(--text)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-2)", boxShadow: "0 1px var(--accent)",
  },
  ".cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--miss-2)" },
  ".cm-specialChar": { color: "var(--miss)" },
  ".cm-variable": { color: "var(--text)", backgroundColor: "var(--accent-2)", borderRadius: "3px", fontWeight: "600" },
  ".cm-searchMatch": { backgroundColor: "var(--ring-2)", boxShadow: "inset 0 -2px var(--ring-edge)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--ring-2)", boxShadow: "inset 0 0 0 2px var(--ring-edge)" },
});

const floats = EditorView.theme({
  ".cm-tooltip": {
    color: "var(--text)", backgroundColor: "var(--surface)", border: "1px solid var(--line)",
    borderRadius: "var(--radius)", boxShadow: "var(--shadow)", overflow: "hidden", zIndex: "20",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px", maxHeight: "240px", minWidth: "180px", padding: "4px 0" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 12px", lineHeight: "20px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent-2)", color: "var(--text)", boxShadow: "inset 3px 0 var(--accent)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip-lint": { padding: "0", maxWidth: "480px", font: "14px/20px var(--font)" },
  ".cm-diagnostic": { padding: "8px 12px", marginLeft: "0", borderLeft: "3px solid var(--ring-edge)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--miss-edge)" },
  ".cm-diagnosticText": { display: "block" },
  ".cm-finding-cure": { color: "var(--text-dim)", display: "block" },
  ".cm-diagnosticAction": {
    font: "inherit", color: "var(--text)", backgroundColor: "var(--surface)", margin: "8px 0 2px", padding: "2px 12px",
    border: "1px solid var(--line-strong)", borderRadius: "var(--radius)",
  },
  ".cm-diagnosticAction:hover": { backgroundColor: "var(--surface-3)" },
  ".cm-gutter-lint": { width: "16px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 0 0 4px" },
  ".cm-lint-marker": { width: "8px", height: "8px", margin: "6px 0", content: "none" },
  ".cm-lint-marker-error": { content: "none", background: "var(--miss-edge)", borderRadius: "4px" },
  ".cm-lint-marker-warning": { content: "none", background: "var(--ring-edge)", clipPath: "polygon(50% 0, 100% 100%, 0 100%)" },
  ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy 1px", textUnderlineOffset: "3px", textDecorationSkipInk: "none", paddingBottom: "0" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecorationColor: "var(--miss-edge)" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecorationColor: "var(--ring-edge)" },
  ".cm-lintRange-active": { backgroundColor: "var(--miss-2)" },
  ".cm-lintPoint:after": { borderBottomColor: "var(--miss-edge)" },
  ".cm-lintPoint-warning:after": { borderBottomColor: "var(--ring-edge)" },
});

const panel = EditorView.theme({
  ".cm-panels": { color: "var(--text)", backgroundColor: "var(--surface-2)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "8px 36px 8px 12px", font: "13px/20px var(--font)" },
  ".cm-panel.cm-search label": { fontSize: "12px", margin: "0 8px 0 4px", display: "inline-flex", alignItems: "center", gap: "4px" },
  ".cm-panel.cm-search input[type=checkbox]": { margin: "0", accentColor: "var(--accent)" },
  ".cm-textfield": {
    font: "inherit", color: "var(--text)", backgroundColor: "var(--surface)", height: "28px", padding: "0 8px", margin: "2px 4px 2px 0",
    border: "1px solid var(--line-strong)", borderRadius: "var(--radius)",
  },
  ".cm-button": {
    font: "inherit", color: "var(--text)", background: "var(--surface)", backgroundImage: "none", height: "28px", padding: "0 10px", margin: "2px 4px 2px 0",
    border: "1px solid var(--line-strong)", borderRadius: "var(--radius)",
  },
  ".cm-button:hover": { background: "var(--surface-3)" },
  ".cm-button:active": { backgroundImage: "none", background: "var(--surface-3)" },
  ".cm-panel.cm-search [name=close]": { top: "8px", right: "8px", width: "24px", height: "24px", color: "var(--text)", fontSize: "18px", cursor: "pointer" },
  ".cm-textfield:focus-visible, .cm-button:focus-visible, .cm-search [name=close]:focus-visible": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
});

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: "var(--accent)" },
  { tag: tags.attributeName, color: "var(--warn)" },
  { tag: tags.attributeValue, color: "var(--talk)" },
  { tag: tags.blockComment, color: "var(--text-dim)", fontStyle: "italic" },
  { tag: tags.character, color: "var(--miss)" },
  { tag: tags.invalid, color: "var(--miss)" },
]);

// Placeholders stand out wherever they are; {{ and }} are the characters.
const placeholders = new MatchDecorator({
  regexp: /\{\{|\}\}|\{[^{}\s]+(?: [^{}\s]+)*\}/g,
  decorate: (add, from, to, match) => {
    if (match[0].length > 2) {
      add(from, to, Decoration.mark({ class: "cm-variable" }));
    }
  },
});

const variables = ViewPlugin.define(
  (view) => ({
    marks: placeholders.createDeco(view),
    update(u) { this.marks = placeholders.updateDeco(u, this.marks); },
  }),
  { decorations: (plugin) => plugin.marks },
);

export const looks = [frame, floats, panel, syntaxHighlighting(colours), variables];
