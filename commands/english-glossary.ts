/** A form that reads like a translation, and the form to use instead. */
export interface Wording {
  /** As people recognize it. */
  readonly wrong: string;
  readonly right: string;
  /** Matches the wrong form and no right use of the same words. */
  readonly pattern: RegExp;
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

/**
 * `npm run check` forbids each wrong form in the repository's texts, and CONTRIBUTING.md lists them. Where a word has a
 * right use, the pattern says so; there is no list of exceptions.
 */
export const glossary: readonly Wording[] = [
  {
    wrong: "tell (a fact), told",
    right: 'show, report, say, list; distinguish; reveal (fine: "tells nginx to reload")',
    pattern: /\b(?:tells?|told|telling)\b(?!(?: [\w`'*-]+){0,4} (?:to|from|apart)\b)/i,
    bad: ["`npm run stages` tells how far each key is", "once it has been told"],
    good: ["The server tells nginx to reload.", "nobody can tell one from the other"],
  },
  {
    wrong: "is no X",
    right: "is not a valid X: use …",
    pattern:
      /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|other\b|different\b|one\b|better\b)[a-z]/i,
    bad: ['"x" is no address: write one such as a@example.org', "what is no secret"],
    good: ["There is no mailbox x.", "It is no longer used.", '"x" is not a valid address: use …'],
  },
  {
    wrong: "there is no such X / that there is not",
    right: "X does not exist; unknown X",
    pattern: /\bthat there (?:is|are) not\b|\bof (?:one|what|which) there (?:is|are) no/i,
    bad: ["the one that there is not"],
    good: ["naming the unknown risk", "there is not enough room"],
  },
  {
    wrong: "one X a Y",
    right: "one X per Y",
    pattern:
      /\b(?:one|a|an|[0-9]+) (?!of|in|with|for|by|as|is|was|on|to|at|like)[a-z]+ an? (?:line|file|folder|domain|message|mailbox|check|problem|key|role|zone|record|row|server|service|standard|step|test|resource|second|hour)\b(?! [a-z]+s\b)/i,
    bad: ["one problem a line", "one file a zone", "One step a mailbox that changes"],
    good: ["one problem per line", "one of a domain's keys", "once a day"],
  },
  {
    wrong: "anew",
    right: "again",
    pattern: /\banew\b/i,
    bad: ["The certificate is issued anew."],
    good: ["The certificate is issued again."],
  },
  {
    wrong: "is taken",
    right: "is accepted; is in use",
    pattern:
      /\b(?:is|are|was|were|be|been|not) (?:already )?taken\b(?!(?: [a-z]+)? (?:by|over|from|out|away|down|back|apart|into|off|to|with|at|as|together|literally)\b)/i,
    bad: ["Unicode names are taken.", "mail from elsewhere is not taken", "the port is taken"],
    good: ["mail is accepted", "a port that is taken by another program", "what is taken over"],
  },
  {
    wrong: "came, comes, left, goes",
    right: "added, removed",
    pattern:
      /\b\d+ (?:[a-z]+ )?(?:came|left)\b(?! (?:of|alone|to)\b)|\bcomes? (?:or|and) goes?\b|"came"|\b(?:domain|mailbox|alias|key|record|zone|stack|volume|resource|server|user|one) (?:that |which )?(?:goes(?! (?:to|through|by|on|into|with|over|back|out|wrong|beyond)\b)|came\b|comes and\b)/i,
    bad: ["1 mailbox came, 1 left", "a key goes that mail is signed with", "a zone that comes or goes"],
    good: ["1 mailbox added, 1 removed", "3 days left of 90", "mail for the domain goes to both"],
  },
  {
    wrong: "goes on",
    right: "continues; keeps …; is still running",
    pattern: /\b(?:goes|going|went|go) on(?! (?:the|a|port|which|[0-9])\b)/i,
    bad: ["Mail goes on arriving.", "long work goes on"],
    good: ["Mail keeps arriving.", "it goes on the volume"],
  },
  {
    wrong: "besides",
    right: "in addition to, as well as, apart from",
    pattern: /\bbesides\b/i,
    bad: ["who sends besides its server"],
    good: ["who sends in addition to its server", "the file beside it"],
  },
  {
    wrong: "mend",
    right: "fix, repair",
    pattern: /\bmend(?:s|ed|ing)?\b/i,
    bad: ["how to mend it"],
    good: ["how to fix it", "recommended"],
  },
  {
    wrong: "all is well, checks are well",
    right: "all checks passed",
    pattern: /\b(?:all|checks?|everything) (?:is|are) (?:not )?well\b|\bis well(?: again)?[.:;,)]/i,
    bad: ["All 74 checks are well.", "all is well again"],
    good: ["All 74 checks passed.", "as well as"],
  },
  {
    wrong: "a time to live",
    right: "one TTL",
    pattern: /\btimes? to live\b/i,
    bad: ["a time to live has to pass"],
    good: ["one TTL has to elapse"],
  },
  {
    wrong: "leave for reports",
    right: "authorization for external reports",
    pattern: /\bleave for\b|\b(?:gives?|given|have|has|without|no|the) leave\b(?! \w+ing)/i,
    bad: ["the leave for DMARC reports", "gives no leave"],
    good: ["leave it out", "authorization for external DMARC reports"],
  },
  {
    wrong: "does no more",
    right: "no longer does",
    pattern:
      /\b(?:is|are|was|be|does|do|has|answers?|serve[sd]|used|sends?|signs?|shown|needs?|takes?|declared|exists?|published) no more\b(?! than)/i,
    bad: ["Signs no more.", "What it served is served no more."],
    good: ["No longer signs.", "no more than eight"],
  },
  {
    wrong: "as of a mailbox",
    right: "as for a mailbox, same as a mailbox's",
    pattern: /\bas of (?:a|an|the|every|each|all|any|one|its|\{@link)\b/i,
    bad: ["As of a mailbox."],
    good: ["Same rules as a mailbox's password.", "as of version 3"],
  },
  {
    wrong: "as it is, as they came",
    right: "unchanged",
    pattern:
      /\b(?:used|stays?|taken|takes|left|reads?|kept|loads) as (?:it is|it came|they are|they came)\b/i,
    bad: ["it is used as it is", "inputs stay as they came"],
    good: ["it is used unchanged", "such as it is"],
  },
  {
    wrong: "otherwise than",
    right: "differently from, not as",
    pattern: /\botherwise than\b/i,
    bad: ["what runs otherwise than declared"],
    good: ["what differs from its declaration"],
  },
  {
    wrong: "since when, from when on",
    right: "when it took effect, the time from which",
    pattern: /\b(?:only|from|by|until) since when\b|\bfrom when on\b/i,
    bad: ["from when on that is safe"],
    good: ["when that is safe"],
  },
  {
    wrong: "the document (of the course)",
    right: "the course exercise, or nothing",
    pattern: /\bthe document's\b|\b(?:as|steps? \w+) (?:in|of) the document\b|\bin the document[.,;]/i,
    bad: ["step two of the document", "in the order of the document's table"],
    good: ["in the order of the course exercise's table", "the document that Outlook reads"],
  },
  {
    wrong: "issue 5, ticket 7 (a tracker of our own)",
    right: "the reason itself (upstream's owner/repository#5 is fine)",
    pattern: /\b(?:issue|ticket|bug|story) #?[0-9]+\b|\b(?:see|for|fixes|closes) #[0-9]+\b/i,
    bad: ["a dozen times (issue 5)", "see #12."],
    good: ["kreuzwerker/terraform-provider-docker#972", "PKCS #8", "RFC 7208 section 4.6.4"],
  },
];
