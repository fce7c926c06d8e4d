// Where in a document the caret is: what may be written there depends on it.
//
// place reads the text before the caret and returns
//
//   { kind: "element", parent, typed }           behind a "<"
//   { kind: "close", parent, typed }             behind a "</"
//   { kind: "attribute", element, typed, have }  inside a tag
//   { kind: "value", element, attribute, typed } inside quotation marks
//   { kind: "text", parent, typed }              between tags
//
// or null: inside a comment, or where nothing can be offered. parent is the
// innermost open element, undefined outside of the root. Faults are stepped over:
// a document that is being written is faulty most of the time.
export function place(before) {
  const open = [];
  let at = 0;
  for (;;) {
    const tag = before.indexOf("<", at);
    if (tag < 0) {
      return { kind: "text", parent: open.at(-1), typed: before.slice(at) };
    }
    const next = step(before, tag, open);
    if (typeof next !== "number") {
      return next;
    }
    at = next;
  }
}

// step reads what begins with the "<" at tag. It returns where it ends, or the
// place if the caret is in it.
function step(text, tag, open) {
  if (text.startsWith("<!--", tag)) {
    return behind(text, "-->", tag + 4) ?? null;
  }
  if (text.startsWith("<![CDATA[", tag)) {
    return behind(text, "]]>", tag + 9) ?? { kind: "text", parent: open.at(-1), typed: text.slice(tag + 9) };
  }
  if (text[tag + 1] === "!" || text[tag + 1] === "?") {
    return behind(text, ">", tag) ?? null;
  }
  if (text[tag + 1] === "/") {
    return closing(text, tag, open);
  }
  return opening(text, tag, open);
}

function behind(text, end, from) {
  const at = text.indexOf(end, from);
  return at < 0 ? undefined : at + end.length;
}

function closing(text, tag, open) {
  const name = match(/[\w:.-]*/y, text, tag + 2)[0];
  const at = match(/\s*>?/y, text, tag + 2 + name.length);
  const end = tag + 2 + name.length + at[0].length;
  if (end === text.length && !at[0].endsWith(">")) {
    return { kind: "close", parent: open.at(-1), typed: name };
  }
  const depth = open.lastIndexOf(name);
  if (depth >= 0) {
    open.length = depth;
  }
  return end;
}

function opening(text, tag, open) {
  const element = match(/[\w:.-]*/y, text, tag + 1)[0];
  let at = tag + 1 + element.length;
  if (at === text.length) {
    return { kind: "element", parent: open.at(-1), typed: element };
  }
  const have = [];
  for (;;) {
    const space = match(/\s*/y, text, at)[0];
    at += space.length;
    if (at === text.length) {
      return space ? { kind: "attribute", element, typed: "", have } : null;
    }
    if (text.startsWith("/>", at)) {
      return at + 2;
    }
    if (text[at] === ">" || text[at] === "<") {
      open.push(element);
      return text[at] === ">" ? at + 1 : at;
    }
    const name = match(/[\w:.-]+/y, text, at);
    if (!name) {
      at++;
      continue;
    }
    at += name[0].length;
    if (at === text.length) {
      return { kind: "attribute", element, typed: name[0], have };
    }
    have.push(name[0]);
    const equals = match(/\s*=\s*(["']?)/y, text, at);
    if (!equals) {
      continue;
    }
    at += equals[0].length;
    if (!equals[1]) {
      continue;
    }
    const value = match(equals[1] === '"' ? /[^"<]*/y : /[^'<]*/y, text, at)[0];
    at += value.length;
    if (at === text.length) {
      return { kind: "value", element, attribute: name[0], typed: value };
    }
    at += text[at] === "<" ? 0 : 1; // a value that is not closed ends at the next tag
  }
}

function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
