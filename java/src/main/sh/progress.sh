# What a person sees while something builds. Sourced by ./alexnet. Reads: terminal.

# Reads the output of Maven or Ninja; shows the step that it is at: on a terminal on one line that is rewritten, elsewhere
# a line for each step and then one every ten seconds.
progress() {
  local line= part= step=starting count= downloads=0 shown=starting begun=$SECONDS last=$SECONDS code
  while :; do
    code=0
    IFS= read -r -t 5 line || code=$?
    part+=$line
    if ((code == 0)); then
      line=$part part=
      case $line in
        *'Downloaded from '*) downloads=$((downloads + 1)) step="downloading libraries" count=" $downloads" ;;
        *'--- '*compiler*:compile*) step="compiling Java" count= ;;
        *'--- javacpp:'*'(generate-jni)'*) step="generating the Java binding" count= ;;
        *'--- javacpp:'*'(cmake-configure)'*) step="configuring the native build" count= ;;
        '[0/'*) ;; # Ninja looks at its own files
        '['*[0-9]/[0-9]*']'*) step="compiling kernels and runtime" count=" ${line%%]*}]" ;;
      esac
    elif ((code <= 128)); then
      break
    fi
    if $terminal; then
      printf '\r\033[Kalexnet:   %s%s, %s s' "$step" "$count" $((SECONDS - begun)) >&2
    elif [[ $step != "$shown" ]] || ((SECONDS - last >= 10)); then
      say "  $step$count"
      shown=$step last=$SECONDS
    fi
  done
  ! $terminal || printf '\r\033[K' >&2
}
