# ALEXNET_SANITIZE=address,undefined builds everything with those sanitizers. An error of either ends the program. thread
# (alone) builds with ThreadSanitizer, which knows the emulator's fibers; for driver_check --own and runtime_check.

set(ALEXNET_SANITIZE "" CACHE STRING "Sanitizers, separated by commas: address, undefined; or thread")
if(ALEXNET_SANITIZE)
  if(NOT ALEXNET_SANITIZE MATCHES "^(address|undefined|address,undefined|undefined,address|thread)$")
    message(FATAL_ERROR "ALEXNET_SANITIZE is '${ALEXNET_SANITIZE}'; allowed are address, undefined, "
                        "address,undefined, thread")
  endif()
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${ALEXNET_SANITIZE}>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>)
  add_link_options(-fsanitize=${ALEXNET_SANITIZE})
endif()
