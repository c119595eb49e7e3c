// Of the requests to be let in: mutants that live because they change nothing. By file: what was, what became of it, and why.

const NEVER = 'what is `null` or not there fails the next comparison too'
const JUDGED = 'where that is so the request is over, and was refused before'
const ENDLESS = 'what has no end is over, and falls out'

/** @type {Record<string, readonly [was: string, becomes: string | readonly string[], why: string][]>} */
const LIVES = {
  'approval/approval-crypto.ts': [
    ["typeof jkt === 'string'", 'true', 'what is no text is no thumbprint either'],
  ],
  'approval/approval.ts': [
    ['end !== null', 'true', NEVER],
    [
      "case 'withdrawn': return { is: 'over', approval }",
      "case 'withdrawn':",
      'it falls into the next case, where what has no end is over',
    ],
  ],
  'approval/approvals-service.ts': [
    ['checkPageLimit(limit)', ';', 'the list of records refuses the same'],
    ['[]', '["Stryker was here"]', 'what cools nothing down is not written'],
  ],
  'approval/collect-service.ts': [
    [
      "'cookie' in by && by.cookie !== null",
      ['true', "'cookie' in by || by.cookie !== null"],
      'what is no text is no secret either',
    ],
    ['by.cookie !== null', 'true', 'what is no text is no secret either'],
    ["judged.is === 'unknown'", 'false', 'what is not there was refused before'],
    ["'unknown'", '""', 'what is not there was refused before'],
    [
      'epoch === null || code?.usable.ok === false || decider?.ok === false',
      ['false', '(epoch === null || code?.usable.ok === false) && decider?.ok === false'],
      JUDGED,
    ],
    [
      'epoch === null || code?.usable.ok === false',
      ['false', 'epoch === null && code?.usable.ok === false'],
      JUDGED,
    ],
    ['epoch === null', 'false', JUDGED],
    ['code?.usable.ok === false', 'false', JUDGED],
    ['decider?.ok === false', 'false', JUDGED],
    ["'what it hung on can not be read'", '""', JUDGED],
    ['decider?.ok', 'decider.ok', 'what was approved was approved by somebody'],
    ['decider?.session', 'decider.session', 'what was approved was approved by somebody'],
    ['{ answer: undefined }', '{}', 'nobody looks at that answer'],
  ],
  'approval/decide-service.ts': [
    ['text === undefined', 'false', 'what is no text is no reason either'],
    ["''", '"Stryker was here!"', 'what is not there is not found, whatever digest is named'],
    ['[]', '["Stryker was here"]', ENDLESS],
  ],
  'approval/opening-records.ts': [
    ['[]', '["Stryker was here"]', ENDLESS],
    ["how === 'new'", 'false', 'what is new has no place before'],
    ["'new'", '""', 'what is new has no place before'],
  ],
  'approval/opening.ts': [
    [
      'now < until',
      ['true', 'now <= until'],
      'what is over has nothing left to wait for, and the largest counts, 0 at least',
    ],
  ],
  'approval/request-service.ts': [
    ['false', 'true', 'only who has a key is known'],
    ['app.length > 0', 'false', 'where the app has scopes there is something to give to anybody'],
  ],
  'approval/standpoint-records.ts': [
    ['[]', '["Stryker was here"]', 'only of what was approved anything was given'],
    ['decider?.ok', 'decider.ok', 'what was given was given by somebody'],
    ["standpoint.judged.is !== 'over'", 'false', 'looked at once more it is the same'],
  ],
  'approval/wait-service.ts': [
    [
      'waiting.get(id) === own',
      'true',
      'whoever was displaced left before the next took the place',
    ],
    ['unlisten?.()', 'unlisten()', 'where somebody waited somebody listened'],
  ],
}

export const APPROVAL = Object.entries(LIVES).flatMap(([file, rows]) =>
  rows.map(([was, becomes, why]) => ({ file, was, becomes, why })),
)
