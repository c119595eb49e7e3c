import { describe } from 'vitest'
import { storeOf } from '../kit/stores.ts'
import { describeJumps, describeRest } from './describe-jumps.ts'

describe('a plain file', () => {
  describeJumps(storeOf('a plain file'), 'behind')
  describeJumps(storeOf('a plain file'), 'ahead')
  describeJumps(storeOf('a plain file'), 'nowhere')
  describeRest(storeOf('a plain file'))
})
