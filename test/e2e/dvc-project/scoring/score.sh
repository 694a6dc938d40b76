set -e
cat ../models/small.json ../models/large.json > $1
echo "threshold $2" >> $1
