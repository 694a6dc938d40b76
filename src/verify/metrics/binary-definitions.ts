// The metrics of a binary model, by name.
import { countForms } from './binary-counts.ts'
import { curveForms } from './binary-curves.ts'
import { probabilityForms } from './binary-probabilities.ts'
import type { MetricTable } from './metric-definition.ts'
import type { BinaryScored } from './scored.ts'

export const binaryMetrics: MetricTable<BinaryScored> = {
  forms: [...countForms, ...curveForms, ...probabilityForms],
  aliases: {
    auc: 'roc_auc',
    ap: 'average_precision',
    ece: 'ece@15u',
    'ece@15': 'ece@15u',
    mce: 'mce@15u',
    tpr: 'recall',
    sensitivity: 'recall',
    true_positive_rate: 'recall',
    tnr: 'specificity',
    true_negative_rate: 'specificity',
    ppv: 'precision',
    positive_predictive_value: 'precision',
    negative_predictive_value: 'npv',
    false_positive_rate: 'fpr',
    false_negative_rate: 'fnr',
    false_discovery_rate: 'fdr',
    for: 'false_omission_rate',
    f2: 'fbeta@2',
    'f0.5': 'fbeta@0.5',
    matthews: 'mcc',
    cohen_kappa: 'kappa',
    logloss: 'log_loss',
    brier_score: 'brier',
    brier_reliability: 'brier_reliability@15u',
    brier_resolution: 'brier_resolution@15u',
    lift: 'lift@10%',
  },
}
