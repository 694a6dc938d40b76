// The metrics of a multiclass model, by name.
import type { MetricTable } from './metric-definition.ts'
import { areaForms } from './multiclass-auc.ts'
import { classForms } from './multiclass-classes.ts'
import { matrixForms } from './multiclass-matrix.ts'
import { distributionForms } from './multiclass-probabilities.ts'
import type { MulticlassScored } from './scored.ts'

export const multiclassMetrics: MetricTable<MulticlassScored> = {
  forms: [...matrixForms, ...classForms, ...distributionForms, ...areaForms],
  // `f1` or `roc_auc` alone stand for none: which average is meant has to be said, as scikit-learn demands too.
  aliases: {
    ece: 'ece@15u',
    ece_classwise: 'ece_classwise@15u',
    matthews: 'mcc',
    cohen_kappa: 'kappa',
    logloss: 'log_loss',
    brier_score: 'brier',
  },
}
