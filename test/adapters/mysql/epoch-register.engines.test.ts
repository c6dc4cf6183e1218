import { epochRegisterContract } from '../contract/epoch-register.ts';
import { makeMysqlJournalSubject } from './journal-subject.ts';

epochRegisterContract('MySQL', makeMysqlJournalSubject);
