// What was chosen since the page came, to be taken back one choice at a time. Words that are typed have the browser's
// own undo and are left alone.

const TYPED = ["evidence", "text", "chain"];

export class Past {
  constructor(questions) {
    this.questions = questions.filter((question) => !TYPED.includes(question.kind));
    this.begin();
  }

  begin() {
    this.steps = [];
    this.standing = this.read();
  }

  read() {
    return new Map(this.questions.map((question) => [question, question.answer]));
  }

  // To be called after every change: remembers the one question whose answer is another now.
  note() {
    const now = this.read();
    for (const question of this.questions) {
      const before = this.standing.get(question);
      if (JSON.stringify(before) !== JSON.stringify(now.get(question))) this.steps.push([question, before]);
    }
    this.standing = now;
  }

  // The question whose answer is again what it was, or nothing when no choice is left to take back.
  undo() {
    const step = this.steps.pop();
    if (!step) return undefined;
    const [question, before] = step;
    question.restore(before);
    this.standing = this.read();
    return question;
  }
}
