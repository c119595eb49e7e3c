import { describeFaults } from './describe-faults.ts'
import { extensionOperationsOf } from './extension-operations.ts'

describeFaults(extensionOperationsOf)
