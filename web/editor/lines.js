// CodeMirror counts a line's end as one character and writes "\n". Here a
// document keeps its own: all "\r\n", all "\n", or a mixture, in which "\r" is a
// character like any other and is shown.
import { EditorState, StateEffect, StateField, Compartment } from "@codemirror/state";
import { invertedEffects } from "@codemirror/commands";

const LF = "\n", CRLF = "\r\n", mixed = "mixed";

function endsOf(text) {
  if (!text.includes("\r")) {
    return LF;
  }
  return /\r(?!\n)|(?:^|[^\r])\n/.test(text) ? mixed : CRLF;
}

const setEnds = StateEffect.define();
const ends = StateField.define({
  create: () => LF,
  update(value, tr) {
    for (const e of tr.effects) {
      value = e.is(setEnds) ? e.value : value;
    }
    return value;
  },
});
const separator = new Compartment();
const separates = (kind) => (kind === mixed ? EditorState.lineSeparator.of(LF) : []);

// keepEnds returns the extension for a state that begins with text.
export function keepEnds(text) {
  const kind = endsOf(text);
  return [
    ends.init(() => kind),
    separator.of(separates(kind)),
    invertedEffects.of((tr) => (tr.effects.some((e) => e.is(setEnds)) ? takeEnds(tr.startState.field(ends)) : [])),
  ];
}

const takeEnds = (kind) => [setEnds.of(kind), separator.reconfigure(separates(kind))];

// textOf returns the text with its own line ends.
export function textOf(state) {
  return state.doc.sliceString(0, state.doc.length, state.field(ends) === CRLF ? CRLF : LF);
}

// positionOf returns where the character at offset of textOf stands in the state.
export function positionOf(state, offset) {
  if (state.field(ends) === CRLF) {
    offset -= textOf(state).slice(0, offset).split(CRLF).length - 1;
  }
  return Math.max(0, Math.min(offset, state.doc.length));
}

// offsetOf is the reverse of positionOf.
export function offsetOf(state, position) {
  return state.field(ends) === CRLF ? position + state.doc.lineAt(position).number - 1 : position;
}

// become returns the transaction after which the text is another, by the smallest
// change: what is not changed keeps its marks and the caret.
export function become(state, text) {
  const kind = endsOf(text);
  if (kind !== state.field(ends) && /[\r\n]/.test(text)) {
    return replaceAll(state, text);
  }
  return { changes: smallest(state.doc.toString(), kind === CRLF ? text.replaceAll(CRLF, LF) : text, 0) };
}

// smallest returns the change by which a text that stands at position becomes
// another.
export function smallest(was, is, position) {
  const most = Math.min(was.length, is.length);
  let from = 0, end = 0;
  while (from < most && was.charCodeAt(from) === is.charCodeAt(from)) {
    from++;
  }
  while (end < most - from && was.charCodeAt(was.length - 1 - end) === is.charCodeAt(is.length - 1 - end)) {
    end++;
  }
  return { from: position + from, to: position + was.length - end, insert: is.slice(from, is.length - end) };
}

// replaceAll returns the transaction that puts another document in the place of
// the whole, with the line ends of that one.
export function replaceAll(state, text) {
  const kind = endsOf(text);
  const lines = text.split(kind === mixed ? LF : /\r\n|\n/);
  return {
    changes: { from: 0, to: state.doc.length, insert: state.toText("").constructor.of(lines) },
    effects: kind === state.field(ends) ? [] : takeEnds(kind),
  };
}
