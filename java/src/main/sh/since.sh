# release --since: compares the API with that of an earlier release, and says whether the version may have what differs.
# The rule is semantic versioning: with 0.MINOR.PATCH a new MINOR may break programs, from 1.0.0 on only a new MAJOR.
# Sourced by ./alexnet. Reads: state, jdk.

# Where the list of the API lies in a jar of classes; ApiTest holds it to the code.
api_list=META-INF/org.alexnet4j/api.txt

# Prints the jar of classes that $1 names, a jar or the folder of a release.
since_jar() {
  local jars=() jar
  if [[ -d $1 ]]; then
    for jar in "$1"/alexnet4j-[0-9]*.jar; do
      # Others have a classifier.
      [[ $jar =~ -(sources|javadoc|linux-[a-z0-9_-]+)\.jar$ ]] || jars+=("$jar")
    done
    ((${#jars[@]} == 1)) || fail 2 "--since is '$1', a folder with ${#jars[@]} jars of classes; allowed: one alexnet4j-VERSION.jar"
    echo "${jars[0]}"
  elif [[ -f $1 ]]; then
    echo "$1"
  else
    fail 2 "--since is '$1', which is not there; allowed: the jar of classes of an earlier release, or its folder"
  fi
}

# Prints the version in the name of jar $1, without -SNAPSHOT.
version_of() {
  [[ ${1##*/} =~ ^alexnet4j-([0-9]+\.[0-9]+\.[0-9]+)(-SNAPSHOT)?\.jar$ ]] ||
    fail 2 "'$1' is a jar whose name has no version; allowed: alexnet4j-1.2.3.jar"
  echo "${BASH_REMATCH[1]}"
}

# True if version $2 is earlier than $1.
is_earlier() { [[ $1 != "$2" && $(printf '%s\n' "$1" "$2" | sort -V | head -n 1) == "$2" ]]; }

# The earliest version after $1 that may break its programs.
breaking_version() {
  local major minor patch
  IFS=. read -r major minor patch <<<"$1"
  if ((major == 0)); then echo "0.$((minor + 1)).0"; else echo "$((major + 1)).0.0"; fi
}

# True if version $2 may have what breaks programs that were made for version $1.
may_break() { ! is_earlier "$(breaking_version "$1")" "$2"; }

# Prints the types in the list of the API of jar $1, by their whole names; nothing if it has no list.
api_types() {
  local scratch
  scratch=$(mktemp -d)
  (cd "$scratch" && "$jdk/bin/jar" -x -f "$1" "$api_list")
  [[ ! -e $scratch/$api_list ]] ||
    sed -nE 's/^[a-z ]*(class|interface|enum|record) ([^ <]+).*/org.alexnet4j.\2/p' "$scratch/$api_list"
  rm -rf "$scratch"
}

# Compares jar $2 of the source tree in folder $1 with jar $3 of an earlier release, and fails if they may not differ so.
compare_api() {
  local folder=$1 jar=$2 old=$3 before new types line found broken=()
  before=$(version_of "$old")
  new=$(version_of "$jar")
  ! is_earlier "$before" "$new" || fail 2 "--since is of version $before, and this is $new; allowed: an earlier release"
  types=$(api_types "$old")
  [[ -n $types ]] || fail 2 "--since is '$old', which has no $api_list; allowed: the jar of classes of a release that has"
  while IFS= read -r line; do
    broken+=("$line:NO_API_ANY_MORE")
  done < <(comm -23 <(sort <<<"$types") <(api_types "$jar" | sort))
  if ! (cd "$folder" && JAVA_HOME=$jdk mvn -B -ntp -pl java com.github.siom79.japicmp:japicmp-maven-plugin:cmp \
    "-Dalexnet.since=$(readlink -f "$old")" "-Dalexnet.jar=$(readlink -f "$jar")" "-Dalexnet.api=${types//$'\n'/,}") >"$state/since.log" 2>&1; then
    line=$(sed -n 's/.*There is at least one incompatibility: \(.*\) -> \[Help.*/\1/p' "$state/since.log" | head -n 1)
    [[ -n $line ]] || { tail -n 20 "$state/since.log" >&2; fail 1 "the API could not be compared; the whole log is $state/since.log"; }
    IFS=, read -ra found <<<"$line"
    broken+=("${found[@]}")
  fi
  if ((${#broken[@]} == 0)); then
    say "the API is compatible with $before"
  elif may_break "$before" "$new"; then
    say "$new breaks programs of $before, as it may: ${broken[*]}"
  else
    fail 1 "$new may not break programs of $before: ${broken[*]}; take that back, or release $(breaking_version "$before")"
  fi
}
