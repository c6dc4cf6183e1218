import { clusterControlContract } from '../contract/cluster-control.ts';
import { makeMemoryControlSubject } from './control-subject.ts';

clusterControlContract('memory', makeMemoryControlSubject);
