. /tmp/h/tmp-jobb/env.sh
setsid nohup $Q calibrate week --flow bring-up > /tmp/h/tmp-jobb/stuck.log 2>&1 & PID=$!
for i in $(seq 300); do sleep 0.1; grep -q "^[0-9]*/2" /tmp/h/tmp-jobb/stuck.log && break; done
kill -STOP -- -$PID; echo $PID > /tmp/h/tmp-jobb/stop.pid; tail -1 /tmp/h/tmp-jobb/stuck.log
setsid nohup timeout 600 $Q calibrate week --flow check --background > /tmp/h/tmp-jobb/wait.log 2>&1
cat /tmp/h/tmp-jobb/wait.log
