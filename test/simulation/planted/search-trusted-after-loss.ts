import type { Plant } from './plant.ts';

export const searchTrustedAfterLoss: Plant = {
  name: 'search-trusted-after-loss',
  what: 'After a forced promotion search clusters are read at once: they may have taken what is lost.',
  invariants: ['I4', 'I2', 'I6'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/promotion.ts',
      find: "step('swap', () => swap(epoch, isTrusted))",
      replace: "step('swap', () => swap(epoch, () => true))",
    },
    {
      file: 'functions/core/failover/epoch-carrier.ts',
      find: 'search.open(epoch, false, within',
      replace: 'search.open(epoch, true, within',
    },
  ],
};
