// Which imports a pickle may name. An allow-list: what is not on it is reported, because lists of forbidden names are got
// around by the next module that imports anything (importlib, marshal, pkgutil.resolve_name, …). A dotted name is never
// allowed by a rule for a whole package: from protocol 4 on it reaches through a module to whatever that module imported.
import { estimatorNames } from './estimator-names.ts'

/** Constructors and reducers that do nothing but make the value they are named for, whatever they are given. */
const exact: ReadonlySet<string> = new Set(
  `
builtins: object set frozenset list dict tuple int float complex bool str bytes bytearray slice range
collections: OrderedDict defaultdict Counter deque
copyreg: _reconstructor __newobj__ __newobj_ex__
_codecs: encode
datetime: datetime date time timedelta timezone
decimal: Decimal
fractions: Fraction
uuid: UUID
pathlib: PurePosixPath PureWindowsPath
functools: partial
numpy: ndarray dtype bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128 str_ bytes_ datetime64 timedelta64 matrix bool intp longlong object_ generic number floating integer
numpy.core.multiarray: _reconstruct scalar
numpy._core.multiarray: _reconstruct scalar
numpy.core.numeric: _frombuffer
numpy._core.numeric: _frombuffer
numpy.ma.core: MaskedArray _mareconstruct
numpy.dtypes: Float64DType Float32DType Int64DType Int32DType BoolDType ObjectDType StrDType BytesDType
numpy.random: RandomState Generator
numpy.random._pickle: __randomstate_ctor __generator_ctor __bit_generator_ctor
numpy.random.mtrand: RandomState
numpy.random._mt19937: MT19937
numpy.random._pcg64: PCG64 PCG64DXSM
numpy.random._philox: Philox
numpy.random._sfc64: SFC64
numpy.random.bit_generator: SeedSequence __pyx_unpickle_SeedSequence
joblib.numpy_pickle: NumpyArrayWrapper
sklearn.externals.joblib.numpy_pickle: NumpyArrayWrapper
sklearn.utils._bunch: Bunch
sklearn.utils: Bunch
sklearn._loss.link: IdentityLink LogLink LogitLink HalfLogitLink MultinomialLogit Interval
sklearn._loss._loss: CyHalfSquaredError CyAbsoluteError CyPinballLoss CyHuberLoss CyHalfPoissonLoss CyHalfGammaLoss CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHalfBinomialLoss CyHalfMultinomialLoss CyExponentialLoss
sklearn._loss.loss: HalfSquaredError AbsoluteError PinballLoss HuberLoss HalfPoissonLoss HalfGammaLoss HalfTweedieLoss HalfTweedieLossIdentity HalfBinomialLoss HalfMultinomialLoss ExponentialLoss
sklearn.tree._tree: Tree
sklearn.ensemble._hist_gradient_boosting.binning: _BinMapper
sklearn.ensemble._hist_gradient_boosting.predictor: TreePredictor
sklearn.neighbors._kd_tree: KDTree KDTree64 newObj
sklearn.neighbors._ball_tree: BallTree BallTree64 newObj
sklearn.metrics._dist_metrics: EuclideanDistance64 EuclideanDistance ManhattanDistance64 MinkowskiDistance64 newObj
sklearn.preprocessing._label: LabelEncoder LabelBinarizer
sklearn.calibration: _CalibratedClassifier _SigmoidCalibration
sklearn.compose._column_transformer: make_column_selector
sklearn.linear_model._stochastic_gradient: Hinge Log
sklearn.linear_model._sgd_fast: Hinge SquaredHinge Log ModifiedHuber SquaredLoss Huber EpsilonInsensitive SquaredEpsilonInsensitive
sklearn._loss._loss: CyLossFunction
sklearn.gaussian_process.kernels: RBF WhiteKernel ConstantKernel Matern RationalQuadratic DotProduct Sum Product Exponentiation ExpSineSquared CompoundKernel
scipy.sparse._csr: csr_matrix csr_array
scipy.sparse._csc: csc_matrix csc_array
scipy.sparse._coo: coo_matrix coo_array
scipy.sparse._dia: dia_matrix
scipy.sparse.csr: csr_matrix
scipy.sparse.csc: csc_matrix
scipy.interpolate._interpolate: interp1d
pandas: DataFrame Series Index
pandas.core.frame: DataFrame
pandas.core.series: Series
pandas.core.internals.managers: BlockManager SingleBlockManager
pandas._libs.internals: _unpickle_block
pandas.core.indexes.base: Index _new_Index
pandas.core.indexes.range: RangeIndex
pandas.core.indexes.numeric: Int64Index Float64Index
torch._utils: _rebuild_tensor _rebuild_tensor_v2 _rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor _rebuild_meta_tensor_no_storage
torch: FloatStorage DoubleStorage HalfStorage BFloat16Storage LongStorage IntStorage ShortStorage CharStorage ByteStorage BoolStorage ComplexFloatStorage ComplexDoubleStorage Size Tensor device dtype float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool float8_e4m3fn float8_e5m2
torch.storage: UntypedStorage TypedStorage
torch.nn.parameter: Parameter
torch._tensor: _rebuild_from_type_v2
torch.serialization: _get_layout
xgboost.core: Booster
xgboost.sklearn: XGBModel XGBClassifier XGBRegressor XGBRanker XGBRFClassifier XGBRFRegressor
lightgbm.basic: Booster
lightgbm.sklearn: LGBMModel LGBMClassifier LGBMRegressor LGBMRanker
catboost.core: CatBoost CatBoostClassifier CatBoostRegressor CatBoostRanker
`
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [module = '', names = ''] = line.split(': ')
      return names.split(' ').map((name) => `${module}.${name}`)
    }),
)

/** Python 2 names that Python 3 translates for protocols 0 to 2. */
const formerModules: Readonly<Record<string, string>> = {
  __builtin__: 'builtins',
  copy_reg: 'copyreg',
}

export function isAllowedImport(name: string): boolean {
  const modern = modernName(name)
  if (exact.has(modern)) return true
  const found = /^sklearn((?:\.[A-Za-z_]\w*)+)\.([A-Za-z_]\w*)$/.exec(modern)
  return (
    found !== null && !/\.externals\b/.test(found[1] ?? '') && estimatorNames.has(found[2] ?? '')
  )
}

export function modernName(name: string): string {
  const [first = '', ...rest] = name.split('.')
  return [formerModules[first] ?? first, ...rest].join('.')
}

/** What a known dangerous import does when called; undefined for one that is merely unknown. */
export function dangerOf(name: string): string | undefined {
  const modern = modernName(name)
  return dangers.find(([pattern]) => pattern.test(modern))?.[1]
}

/** For the sentence only: whether an import is reported never depends on this list. */
const dangers: readonly (readonly [RegExp, string])[] = [
  [
    /^(os|posix|nt|posixpath|ntpath)\.(system|popen|exec\w*|spawn\w*|posix_spawnp?|startfile)$/,
    'run a command on the machine',
  ],
  [
    /^(subprocess|_posixsubprocess|pty|commands|popen2|asyncio\.subprocess|multiprocessing|distutils\.spawn)(\.|$)/,
    'run a command on the machine',
  ],
  [
    /^(os|posix|nt|shutil|pathlib|io|_io|tempfile|glob|fileinput|linecache|zipfile|tarfile)\./,
    'read, write or remove files',
  ],
  [/^builtins\.(eval|exec|compile|execfile)$/, 'run Python code that the file carries'],
  [
    /^(code|codeop|runpy|timeit|cProfile|profile|pdb|bdb|trace|doctest|idlelib|lib2to3|test|pydoc|numpy\.testing|numpy\.f2py)(\.|$)/,
    'run Python code that the file carries',
  ],
  [
    /^builtins\.(__import__|getattr|setattr|delattr|globals|locals|vars|open|input|breakpoint|map|filter|apply)$/,
    'reach any function of the machine',
  ],
  [
    /^(importlib|imp|pkgutil|zipimport|runpy|site|pip|setuptools|ensurepip|venv|_frozen_importlib\w*)(\.|$)/,
    'import any module, and so run its code',
  ],
  [
    /^(types|marshal|_xxsubinterpreters|ctypes|_ctypes|cffi|gc|inspect|sys|signal|atexit|weakref)(\.|$)/,
    'make and run code outside what Python checks',
  ],
  [
    /^(pickle|_pickle|cPickle|dill|cloudpickle|joblib|shelve|yaml|torch\.(load|hub|jit|package|storage\._load_from_bytes)|torch\.serialization|pandas\.(read_pickle|io)|numpy\.load)(\.|$)/,
    'load another pickle, with everything that one imports',
  ],
  [
    /^(socket|_socket|ssl|http|urllib\d?|urllib3|requests|httpx|aiohttp|ftplib|smtplib|telnetlib|xmlrpc|webbrowser|asyncio|socketserver|paramiko)(\.|$)/,
    'talk to other machines',
  ],
  [
    /^(operator|_operator|functools|itertools|contextlib)\./,
    'call other functions by name, hiding what is run',
  ],
  [/^(threading|_thread|concurrent|sched|logging\.config)(\.|$)/, 'start work of its own'],
]
