// The portal's document editor: CodeMirror with what a popup document needs. The
// page loads it when a document is first opened and talks to it from Go
// (app/browser/editor_js.go) by window.crmpopEditor.
import { Annotation, EditorState } from "@codemirror/state";
import {
  EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars,
  drawSelection, hasHoverTooltips, closeHoverTooltips,
} from "@codemirror/view";
import { history, historyKeymap, defaultKeymap, isolateHistory } from "@codemirror/commands";
import { bracketMatching, forceParsing, indentOnInput, indentUnit } from "@codemirror/language";
import { completionKeymap } from "@codemirror/autocomplete";
import { linter, lintGutter, nextDiagnostic, previousDiagnostic } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { xml } from "@codemirror/lang-xml";
import { complete } from "./complete.js";
import { keepEnds, textOf, positionOf, offsetOf, replaceAll, become, smallest } from "./lines.js";
import { mark } from "./findings.js";
import { looks } from "./theme.js";

const silent = Annotation.define(); // of what was not done by the user

const editors = new Map(); // by the id of the field that each stands for

// of returns the editor that stands for the field with this id, if there is one.
export function of(id) {
  const editor = editors.get(id);
  return editor?.view.dom.isConnected ? editor : undefined;
}

// mount puts an editor into host, in the place of the text field with options.id
// if that is there: its caret, its focus and its name move to the editor. Options:
// id, text, label, describedBy, vocabulary (see complete.js), typed() is called
// after the user has changed the text, repair(i) to repair the finding i.
export function mount(host, options) {
  editors.get(options.id)?.drop();
  const field = document.getElementById(options.id);
  const editor = new Editor(host, options);
  editors.set(options.id, editor);
  if (field) {
    editor.takeOver(field);
  }
  return editor;
}

// drop takes the editor down that stands for the field with this id.
export function drop(id) { editors.get(id)?.drop(); }

class Editor {
  constructor(host, options) {
    this.options = options;
    this.view = new EditorView({ parent: host, state: this.begin(options.text) });
  }

  // begin returns the state of a document that has just been opened.
  begin(text) {
    return EditorState.create({
      doc: text,
      extensions: [keepEnds(text), writing, complete(this.options.vocabulary), looks, keys, this.named(), this.hears()],
    });
  }

  named() {
    const { id, label, describedBy } = this.options;
    return EditorView.contentAttributes.of({
      id, "aria-label": label, "aria-describedby": describedBy, tabindex: "0",
      spellcheck: "false", autocorrect: "off", autocapitalize: "off", autocomplete: "off",
    });
  }

  hears() {
    return [
      EditorView.updateListener.of((u) => {
        if (u.docChanged && !u.transactions.some((tr) => tr.annotation(silent))) {
          this.options.typed();
        }
      }),
      EditorView.domEventHandlers({ paste: pasteWhole, beforeinput: typeOverSelection }),
    ];
  }

  takeOver(field) {
    const focused = document.activeElement === field;
    const { selectionStart, selectionEnd } = field;
    const top = field.parentElement.scrollTop;
    field.hidden = true;
    for (const name of ["id", "aria-label", "aria-describedby"]) {
      field.removeAttribute(name);
    }
    const end = this.view.state.doc.length;
    this.view.dispatch({ selection: { anchor: Math.min(selectionStart, end), head: Math.min(selectionEnd, end) } });
    if (focused) {
      this.view.focus();
    }
    this.view.requestMeasure({ read() {}, write: () => { this.view.scrollDOM.scrollTop = top; } });
  }

  text() { return textOf(this.view.state); }

  // open begins with another document: what was done before cannot be undone in it.
  open(text) { this.view.setState(this.begin(text)); }

  // set puts another text in the place of this one; that can be undone.
  set(text) {
    this.view.dispatch({ ...become(this.view.state, text), annotations: [silent.of(true), isolateHistory.of("full")] });
  }

  caret() { return offsetOf(this.view.state, this.view.state.selection.main.head); }

  select(from, to) {
    const { state } = this.view;
    const range = { anchor: positionOf(state, from), head: positionOf(state, to) };
    this.view.focus();
    this.view.dispatch({ selection: range, effects: EditorView.scrollIntoView(range.anchor, { y: "nearest", yMargin: 60 }) });
  }

  // replace writes as if it were typed: it can be undone.
  replace(from, to, text) {
    const { state } = this.view;
    const at = positionOf(state, from);
    const was = state.sliceDoc(at, positionOf(state, to)).replaceAll("\r\n", "\n");
    const change = smallest(was, state.toText(text).toString(), at);
    this.view.focus();
    this.view.dispatch({
      changes: change,
      selection: { anchor: change.from + change.insert.length },
      scrollIntoView: true,
      userEvent: "input",
    });
  }

  mark(findings) { mark(this.view, findings, this.options.repair); }

  drop() {
    this.view.destroy();
    if (editors.get(this.options.id) === this) {
      editors.delete(this.options.id);
    }
  }
}

// pasteWhole pastes over all there is a document as it is, line ends and all.
function pasteWhole(event, view) {
  const text = event.clipboardData?.getData("text/plain");
  const { main } = view.state.selection;
  if (!text || main.from !== 0 || main.to !== view.state.doc.length) {
    return false;
  }
  event.preventDefault();
  const change = replaceAll(view.state, text);
  view.dispatch({ ...change, selection: { anchor: change.changes.insert.length }, userEvent: "input.paste", scrollIntoView: true });
  return true;
}

// typeOverSelection writes over a selection in the browser's stead: Chromium
// copies styles into what it joins, as attributes that our pages' policy refuses.
function typeOverSelection(event, view) {
  const { main } = view.state.selection;
  if (event.inputType !== "insertText" || event.data === null || main.empty || view.composing || event.isComposing || !event.cancelable) {
    return false;
  }
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  return true;
}

const closeTooltip = {
  key: "Escape",
  run(view) {
    if (!hasHoverTooltips(view.state)) {
      return false;
    }
    view.dispatch({ effects: closeHoverTooltips });
    return true;
  },
};

// A new line stands as deep as its element, which takes a text that has been read
// that far: on a busy machine that may still be under way.
const readFirst = { key: "Enter", run: (view) => { forceParsing(view, view.state.selection.main.head, 200); return false; } };

// Tab is not among the keys: it leaves the field.
const keys = keymap.of([
  ...completionKeymap, ...searchKeymap, ...historyKeymap,
  { key: "F8", run: nextDiagnostic }, { key: "Shift-F8", run: previousDiagnostic }, closeTooltip,
  readFirst, ...defaultKeymap,
]);

// phrases are the words of the search panel, in sentence case as all of ours.
const phrases = Object.fromEntries(
  ["next", "previous", "all", "match case", "regexp", "by word", "replace", "replace all", "close"]
    .map((words) => [words, words[0].toUpperCase() + words.slice(1)]),
);

// Tags are not closed by themselves: what is typed stays what it is.
const writing = [
  lineNumbers(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter(), highlightSpecialChars(), drawSelection(),
  history(), bracketMatching(), indentOnInput(), indentUnit.of("  "), EditorState.tabSize.of(4),
  xml({ autoCloseTags: false }), linter(null), search({ top: true }), EditorState.phrases.of({ ...phrases, regexp: "Pattern", "by word": "Whole words" }),
];
