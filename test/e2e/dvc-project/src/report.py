import json, yaml
t=yaml.safe_load(open('extra.yaml'))['report']
d={r: len(open(f'scores/{r}.txt').read()) for r in ('north','south')}
json.dump({'title': t['title'], **d}, open('report.json','w'))
open('plot.csv','w').write('region,n\n'+''.join(f'{k},{v}\n' for k,v in d.items()))
