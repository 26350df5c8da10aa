# libjnialexnet.so from the sources that JavaCPP generates.

set(ALEXNET_JNI_DIR "" CACHE PATH "Folder with JavaCPP's jnialexnet.cpp and jnijavacpp.cpp; empty: no JNI library")
set(ALEXNET_JAVA_HOME "" CACHE PATH "The JDK whose include folder has jni.h")

# JavaCPP writes functions in the order in which a virtual machine lists methods, another one at each run: here by name, so
# that two builds are equal.
function(sort_functions from to)
  file(READ ${from} text)
  # What CMake's lists would take for their own.
  string(REPLACE ";" "@SEMICOLON@" text "${text}")
  string(REPLACE "[" "@OPEN@" text "${text}")
  string(REPLACE "]" "@CLOSE@" text "${text}")
  string(REGEX REPLACE "\n}\n*$" "" text "${text}")  # of extern "C", around all of them
  string(REGEX REPLACE "\n+JNIEXPORT " ";" functions "${text}")
  list(POP_FRONT functions head)
  set(others ${functions})
  list(FILTER others EXCLUDE REGEX "JNICALL Java_")
  list(FILTER functions INCLUDE REGEX "JNICALL Java_")
  list(SORT functions)
  set(text "${head}")
  foreach(function IN LISTS others functions)
    string(REGEX REPLACE "\n+$" "" function "${function}")
    string(APPEND text "\n\nJNIEXPORT ${function}")
  endforeach()
  string(APPEND text "\n\n}\n")
  string(REPLACE "@CLOSE@" "]" text "${text}")
  string(REPLACE "@OPEN@" "[" text "${text}")
  string(REPLACE "@SEMICOLON@" ";" text "${text}")
  file(WRITE ${to} "${text}")
endfunction()

if(ALEXNET_JNI_DIR)
  if(NOT EXISTS ${ALEXNET_JAVA_HOME}/include/jni.h)
    message(FATAL_ERROR "ALEXNET_JAVA_HOME='${ALEXNET_JAVA_HOME}' has no include/jni.h; name a JDK")
  endif()
  # JavaCPP writes its files at each run of Maven; a copy that changes only with the text keeps the build incremental.
  foreach(name jnialexnet.cpp jnijavacpp.cpp)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ALEXNET_JNI_DIR}/${name})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/jni)
    sort_functions(${ALEXNET_JNI_DIR}/${name} ${CMAKE_BINARY_DIR}/jni/${name}.sorted)
    file(COPY_FILE ${CMAKE_BINARY_DIR}/jni/${name}.sorted ${CMAKE_BINARY_DIR}/jni/${name} ONLY_IF_DIFFERENT)
  endforeach()
  add_library(jnialexnet SHARED ${CMAKE_BINARY_DIR}/jni/jnialexnet.cpp ${CMAKE_BINARY_DIR}/jni/jnijavacpp.cpp)
  target_include_directories(jnialexnet PRIVATE include ${ALEXNET_KERNELS}/common)
  # FindJNI wants AWT and fails with a headless JDK; only the two folders of headers are needed.
  target_include_directories(jnialexnet SYSTEM PRIVATE ${ALEXNET_JAVA_HOME}/include ${ALEXNET_JAVA_HOME}/include/linux)
  target_compile_options(jnialexnet PRIVATE -w)  # generated code
  target_link_libraries(jnialexnet PRIVATE alexnet)
  set_target_properties(jnialexnet PROPERTIES INSTALL_RPATH "$ORIGIN")
  install(TARGETS jnialexnet LIBRARY DESTINATION .)
endif()
