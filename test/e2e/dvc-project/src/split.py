import os, sys, yaml_lite, random
from readers import tables
p=yaml_lite.load('params.yaml')
rows=tables.read('data/raw.csv')
random.seed(p['seed'])
random.shuffle(rows)
n=int(len(rows)*p['split']['share'])
os.makedirs('data/split', exist_ok=True)
tables.write('data/split/test.csv', rows[:n]); tables.write('data/split/train.csv', rows[n:])
