# Runs the steps in the folder $1 one after the other in this shell, so that what one sets the next one finds.
# NNN.sh is a step and NNN.code the code it ends with; NNN.out is what it said and NNN.ended the codes that were not 0.
walk_failed() {
  walk_codes="$walk_codes $1"
}

for walk_step in "$1"/*.sh; do
  walk_codes=
  trap 'walk_failed $?' ERR
  . "$walk_step" >"${walk_step%.sh}.out" 2>&1
  trap - ERR
  echo "$walk_codes" >"${walk_step%.sh}.ended"
  walk_wanted=$(cat "${walk_step%.sh}.code")
  if [ "${walk_codes# }" != "${walk_wanted#0}" ]; then
    exit 1
  fi
done
