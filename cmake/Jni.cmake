# libjnialexnet.so from the sources that JavaCPP generates.

set(ALEXNET_JNI_DIR "" CACHE PATH "Folder with JavaCPP's jnialexnet.cpp and jnijavacpp.cpp; empty: no JNI library")
set(ALEXNET_JAVA_HOME "" CACHE PATH "The JDK whose include folder has jni.h")

if(ALEXNET_JNI_DIR)
  if(NOT EXISTS ${ALEXNET_JAVA_HOME}/include/jni.h)
    message(FATAL_ERROR "ALEXNET_JAVA_HOME='${ALEXNET_JAVA_HOME}' has no include/jni.h; name a JDK")
  endif()
  # JavaCPP writes its files at each run of Maven; a copy that changes only with the text keeps the build incremental.
  foreach(name jnialexnet.cpp jnijavacpp.cpp)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ALEXNET_JNI_DIR}/${name})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/jni)
    file(COPY_FILE ${ALEXNET_JNI_DIR}/${name} ${CMAKE_BINARY_DIR}/jni/${name} ONLY_IF_DIFFERENT)
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
