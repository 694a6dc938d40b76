import csv
def read(path):
    with open(path) as f: return list(csv.DictReader(f))
def write(path, rows):
    with open(path,'w',newline='') as f:
        w=csv.DictWriter(f, fieldnames=list(rows[0])); w.writeheader(); w.writerows(rows)
