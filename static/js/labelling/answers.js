// The questions of the labelling form: which are asked, what was answered, and how a draft goes in and out.

export const MISSING = "missing:";

export class Question {
  constructor(element) {
    this.element = element;
    this.code = element.dataset.code;
    this.kind = element.dataset.kind;
    this.isRequired = element.dataset.required === "yes";
    this.title = element.dataset.title;
    this.conditions = [...element.querySelectorAll("[data-asked-if]")].map((one) => ({
      code: one.dataset.askedIf,
      values: one.dataset.values.split(" "),
    }));
  }

  get inputs() {
    return [...this.element.querySelectorAll(`[name="answer-${CSS.escape(this.code)}"]`)];
  }

  get words() {
    return this.element.querySelector(`[name="note-${CSS.escape(this.code)}"]`);
  }

  get hops() {
    return this.element.querySelector(`[name="hops-${CSS.escape(this.code)}"]`);
  }

  // The sources of a chain, one a line.
  get sources() {
    const lines = this.hops?.value.split("\n") ?? [];
    return lines.map((line) => line.trim()).filter(Boolean);
  }

  // What is typed or marked, beside which no missing reason stands: it comes back when the reason is taken away.
  setAside() {
    this.spans?.replace([]);
    if (!this.hops) return;
    this.aside = this.hops.value.trim() ? this.hops.value : this.aside;
    this.hops.value = "";
  }

  bringBack() {
    if (this.hops && !this.hops.value.trim()) this.hops.value = this.aside ?? "";
  }

  // The values that were chosen, missing reasons with their prefix.
  get chosen() {
    return this.inputs
      .filter((input) => (input.type === "radio" || input.type === "checkbox" ? input.checked : input.value.trim()))
      .map((input) => input.value)
      .filter(Boolean);
  }

  get isAnswered() {
    if (this.kind === "evidence") return evidenceOf(this.element).length > 0;
    if (this.spans?.items.length || this.sources.length) return true;
    return this.chosen.length > 0 || Boolean(this.words?.value.trim());
  }

  get isAsked() {
    return !this.element.hidden;
  }

  set isAsked(asked) {
    this.element.hidden = !asked;
    this.element.disabled = !asked;
  }

  get answer() {
    if (this.spans?.items.length) return this.spans.collect();
    if (this.sources.length) return this.sources;
    const [first] = this.chosen;
    if (first === undefined) return undefined;
    if (first.startsWith(MISSING)) return { missing: first.slice(MISSING.length) };
    if (this.kind === "span") return [];
    if (this.kind === "set") return this.chosen;
    return this.kind === "interval" && this.inputs[0].type === "number" ? Number(first) : first;
  }

  // The answer in words, for the one-line form.
  get summary() {
    if (this.kind === "evidence") {
      const n = evidenceOf(this.element).length;
      return n ? `${n} added` : "";
    }
    if (this.spans?.items.length) return `${this.spans.items.length} marked`;
    if (this.sources.length) return this.sources.join(" → ");
    const labels = this.inputs.filter((input) => input.checked && input.value).map((input) => input.dataset.label);
    if (labels.length) return labels.join(", ");
    return (this.chosen[0] ?? this.words?.value.trim() ?? "").slice(0, 60);
  }

  // What conditions look at: the choices, those of marked places too.
  get codes() {
    return this.spans ? [...this.chosen, ...this.spans.collect().map((span) => span.choice)] : this.chosen;
  }

  restore(answer, words) {
    if (this.spans) this.spans.replace(Array.isArray(answer) ? answer : []);
    if (this.hops) this.hops.value = Array.isArray(answer) ? answer.join("\n") : "";
    const isNowhere = this.kind === "span" && Array.isArray(answer) && !answer.length;
    const plain = isNowhere ? ["nowhere"] : [answer ?? ""].flat().map(String);
    const values = answer?.missing ? [MISSING + answer.missing] : plain;
    for (const input of this.inputs) {
      if (input.type === "radio" || input.type === "checkbox") input.checked = values.includes(input.value);
      else input.value = values[0];
    }
    if (this.words && words !== undefined) this.words.value = words;
  }
}

// Which questions these answers lead to: an earlier answer opens a later question. A condition on a question that is
// not in this form cannot be met by anybody and does not close it.
export function applyConditions(questions) {
  const byCode = new Map(questions.map((question) => [question.code, question]));
  for (const question of questions) {
    question.isAsked = question.conditions.every(({ code, values }) => {
      const earlier = byCode.get(code);
      return !earlier || (earlier.isAsked && earlier.codes.some((value) => values.includes(value)));
    });
  }
}

export function evidenceOf(element) {
  return [...element.querySelectorAll("[data-evidence]")]
    .map((item) => {
      const fields = [...item.querySelectorAll("[data-field]")];
      const kept = fields.filter((field) => field.type !== "radio" || field.checked);
      return Object.fromEntries(kept.map((field) => [field.dataset.field, field.value.trim()]));
    })
    .filter((item) => item.url || item.title || item.quote || item.question || item.answer);
}

export function collect(questions, note, discuss) {
  const asked = questions.filter((question) => question.isAsked);
  const answers = {};
  const notes = {};
  const evidence = [];
  for (const question of asked) {
    if (question.answer !== undefined) answers[question.code] = question.answer;
    if (question.words?.value.trim()) notes[question.code] = question.words.value;
    if (question.kind === "evidence") evidence.push(...evidenceOf(question.element));
  }
  if (note.value.trim()) notes.note = note.value;
  if (discuss?.value.trim()) notes.discuss = discuss.value;
  return { answers, notes, evidence };
}
