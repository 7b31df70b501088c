// What scripts say, in the language of the page: the sentences stand translated in the page (claims/_script_words.html).

const said = new Map(
  [...document.querySelectorAll("[data-english]")].map((line) => [line.dataset.english, line.textContent]),
);

// Each {} is filled with the next value.
export function tell(english, ...values) {
  let sentence = said.get(english) ?? english;
  for (const value of values) sentence = sentence.replace("{}", () => String(value));
  return sentence;
}
