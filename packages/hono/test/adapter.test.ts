import { describeAdapter } from '@pair/testkit'
import { honoHarness } from './kit/harness.ts'

describeAdapter('hono', honoHarness)
