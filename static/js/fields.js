// The fields of a form as a list of [name, value], and back.

const OURS = ["csrf_token", "version"];

export function read(form) {
  return [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !OURS.includes(name),
  );
}

// As the server wrote them, whatever was typed before this script was there.
export function written(form) {
  const copy = form.cloneNode(true);
  copy.reset();
  return read(copy);
}

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const BOXES = ["checkbox", "radio"];
export const of = (list, name) => JSON.stringify(list.filter((each) => each[0] === name));

// One field, as another person has written it.
export function put(form, name, written) {
  const left = [...written];
  for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (BOXES.includes(control.type)) control.checked = written.includes(control.value);
    else control.value = left.shift() ?? "";
  }
}

// A value whose field is not on the page (a row that the server adds when asked) goes along hidden.
export function fill(form, values) {
  const left = [...values];
  const take = (name, value) => {
    const place = left.findIndex((each) => each[0] === name && (value === undefined || each[1] === value));
    return place < 0 ? undefined : left.splice(place, 1)[0][1];
  };
  for (const control of form.elements) {
    if (!control.name || OURS.includes(control.name) || ["submit", "file"].includes(control.type)) continue;
    if (BOXES.includes(control.type)) {
      control.checked = take(control.name, control.value) !== undefined;
      continue;
    }
    control.value = take(control.name) ?? "";
    const folded = control.closest("details");
    if (control.value && folded) folded.open = true;
  }
  for (const [name, value] of left.filter((each) => each[1])) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
}
