import argparse, json, os, pickle
from readers import tables
a=argparse.ArgumentParser()
for n in ('width','rate','lr','rounds','name'): a.add_argument('--'+n)
a.add_argument('--deep', action='store_true'); a=a.parse_args()
rows=tables.read('data/split/train.csv')
mean=sum(float(r['age'])+float(r['income']) for r in rows)/len(rows)
os.makedirs('models', exist_ok=True)
json.dump({'mean':mean,**vars(a)}, open(f'models/{a.name}.json','w'), sort_keys=True)
