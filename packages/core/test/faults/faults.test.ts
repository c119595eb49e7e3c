import { describeFaults } from './describe-faults.ts'
import { operationsOf } from './operations.ts'

describeFaults(operationsOf)
