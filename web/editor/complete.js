// Completion from the vocabulary, which comes from the code that reads the
// documents (screenpop.Words).
import { EditorView, keymap } from "@codemirror/view";
import { StateEffect, StateField, Prec } from "@codemirror/state";
import { autocompletion, acceptCompletion, startCompletion, pickedCompletion } from "@codemirror/autocomplete";
import { place } from "./place.js";

// What a completion has written behind the caret, as the "}" of a placeholder, is
// typed over when it is typed as well.
const wrote = StateEffect.define();
const behindCaret = StateField.define({
  create: () => -1,
  update(at, tr) {
    at = at < 0 ? at : tr.changes.mapPos(at, 1);
    for (const e of tr.effects) {
      at = e.is(wrote) ? e.value : at;
    }
    return at;
  },
});

const typeOver = EditorView.inputHandler.of((view, from, to, text) => {
  const at = view.state.field(behindCaret);
  if (from !== to || from !== at || !/^["}]$/.test(text) || view.state.sliceDoc(at, at + 1) !== text) {
    return false;
  }
  view.dispatch({ selection: { anchor: at + 1 }, effects: wrote.of(-1), userEvent: "input.type" });
  return true;
});

// writes returns what accepting a completion does: write before, put the caret
// behind it and after behind the caret, unless that stands there already.
function writes(before, after, more) {
  return (view, completion, from, to) => {
    const there = after === "" || view.state.sliceDoc(to, to + 1) === after.at(-1);
    const anchor = from + before.length;
    view.dispatch({
      changes: { from, to, insert: before + (there ? "" : after) },
      selection: { anchor },
      effects: there ? [] : wrote.of(anchor),
      annotations: pickedCompletion.of(completion),
      userEvent: "input.complete",
      scrollIntoView: true,
    });
    if (more) {
      startCompletion(view);
    }
  };
}

// complete returns the extension.
export function complete(vocabulary) {
  const source = (context) => {
    const here = place(context.state.sliceDoc(0, context.pos));
    const found = here && options(vocabulary, here, context);
    if (!found || found.options.length === 0) {
      return null;
    }
    const { typed } = found;
    // A word that is whole needs nothing, and Enter is a new line again.
    if (!context.explicit && (!found.opens || found.options.some((o) => o.label === typed))) {
      return null;
    }
    const fitting = found.options.filter((o) => o.label.startsWith(typed));
    return { from: context.pos - typed.length, options: fitting, filter: false };
  };
  return [
    behindCaret,
    typeOver,
    autocompletion({ override: [source], icons: false }),
    Prec.highest(keymap.of([{ key: "Tab", run: acceptCompletion }])),
  ];
}

// options returns what may be written at a place, what of it is typed already,
// and whether the list opens without being asked for.
function options(v, here, context) {
  const next = context.state.sliceDoc(context.pos, context.pos + 1);
  switch (here.kind) {
    case "element":
      return { typed: here.typed, opens: true, options: elements(v, here.parent, context.state.sliceDoc(0, context.pos - here.typed.length - 1)) };
    case "close":
      return here.parent === undefined ? null : { typed: here.typed, opens: true, options: [closes(here.parent)] };
    case "attribute":
      return { typed: here.typed, opens: !/[\w:.-]/.test(next), options: attributes(v, here, next) };
    case "value":
      return values(v, here);
  }
  return v.elements[here.parent]?.template ? placeholder(v, here.typed) : null;
}

function elements(v, parent, before) {
  if (parent === undefined) {
    return before.includes("<" + v.root) ? [] : [{ label: v.root, apply: writes(v.root, "") }];
  }
  const names = v.elements[parent]?.children ?? [];
  return [...names.map((name) => ({ label: name, apply: writes(name, "") })), closes("/" + parent)];
}

const closes = (label) => ({ label, apply: writes(label + ">", "") });

function attributes(v, here, next) {
  const all = v.elements[here.element]?.attributes ?? [];
  return all.filter((a) => !here.have.includes(a.name)).map((a) => ({
    label: a.name,
    apply: next === "=" ? writes(a.name, "") : writes(a.name + '="', '"', Boolean(a.values)),
  }));
}

function values(v, here) {
  const attribute = v.elements[here.element]?.attributes.find((a) => a.name === here.attribute);
  if (attribute?.template) {
    return placeholder(v, here.typed);
  }
  if (!attribute?.values) {
    return null;
  }
  const words = attribute.list ? here.typed.split(/\s+/) : [here.typed];
  const typed = words.pop();
  const left = attribute.values.filter((w) => !words.includes(w));
  return { typed, opens: true, options: left.map((w) => ({ label: w, apply: writes(w, "") })) };
}

// placeholder offers variables behind a "{" and transforms behind a "|"; "{{" is
// the character.
function placeholder(v, text) {
  const inside = /(?:^|[^{])(?:\{\{)*\{([^{}<>]*)$/.exec(text);
  if (!inside) {
    return null;
  }
  const parts = inside[1].split("|");
  const typed = parts.pop();
  const words = parts.length === 0 ? v.variables : v.transforms;
  return { typed, opens: true, options: words.map((word) => ({ label: word, apply: writes(word, "}") })) };
}
