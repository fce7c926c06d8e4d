// The server's findings at their places.
import { setDiagnostics } from "@codemirror/lint";

// What a finding is about begins where it stands: a tag, a placeholder, a word,
// or else one character.
const about = /^(?:<\/?[\w:.-]+|\{[^{}]*\}?|&[\w#]*;?|[\w:.-]+|\S)/;

// mark shows the findings and no others. Each has line, column (both from 1, in
// characters), severity, message, cure and length, how many bytes its repair
// replaces, 0 if it has none. repair is called with the index of one.
export function mark(view, findings, repair) {
  const diagnostics = findings.map((f, i) => diagnostic(view.state, f, () => repair(i)));
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

function diagnostic(state, f, repair) {
  const line = state.doc.line(Math.max(1, Math.min(f.line, state.doc.lines)));
  const at = after(line.text, f.column - 1);
  const length = f.length || (about.exec(line.text.slice(at)) || [""])[0].length;
  return {
    from: line.from + at,
    to: Math.min(line.from + at + length, line.to),
    severity: f.severity,
    message: f.message + (f.cure ? "\n" + f.cure : ""),
    renderMessage: () => words(f),
    actions: f.length ? [{ name: "Repair", apply: repair }] : [],
  };
}

// after returns the place behind the first n characters of a line.
function after(text, n) {
  let at = 0;
  for (; n > 0 && at < text.length; n--) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return at;
}

function words(f) {
  const box = document.createElement("span");
  box.append(f.message);
  if (f.cure) {
    const cure = document.createElement("span");
    cure.className = "cm-finding-cure";
    cure.textContent = f.cure;
    box.append(cure);
  }
  return box;
}
