/** Passwords, each with what makes it weak: judged by Node.js and in the mail server's image alike. */
export const judgedPasswords = [
  ...weak("worst", [
    "password",
    "Password2024!!",
    "P@ssw0rd-2025",
    "passwordpass",
    "dragon-monkey-77",
    "xxLetMeIn2024",
  ]),
  ...weak("sequence", [
    "123456",
    "123456789012",
    "abcdefghijkl",
    "qwertyuiop12",
    "ZYXWVUTSRQPO",
    "1qaz2wsx3edc",
    "asdfghjkl;'#",
  ]),
  ...weak("repeated", ["aaaaaaaaaaaa", "565 565 565 565", "áéáéáéáéáéáé", "x7!x7!x7!x7!"]),
  ...weak("name", [
    "vaamonde.pti2024",
    "V44m0nde-2024!",
    "ana.lima.1990!",
    "AnaLimaSantos!",
    "Padaria.Lima.2025",
  ]),
  ...weak(undefined, [
    "correct horse battery staple",
    "uma nova senha, longa",
    "a long enough one",
    "for this phone",
    "kite-7-marble-fjord",
    "banana-tractor-lilac",
  ]),
];

function weak(
  weakness: "worst" | "sequence" | "repeated" | "name" | undefined,
  passwords: readonly string[],
) {
  const names = ["ana.lima@vaamonde.pti", "Ana Lima Santos", "padaria"];
  return passwords.map((password) => ({ password, names, weakness }));
}
