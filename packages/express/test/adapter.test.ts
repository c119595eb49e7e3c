import { describeAdapter } from '@pair/testkit'
import { describe } from 'vitest'
import { expressHarness } from './kit/harness.ts'
import { frameworks } from './kit/home.ts'

describe.each(frameworks)('%s', (_, framework) => {
  describeAdapter('express', expressHarness(framework))
})
