# libalexnet_mpi.so: moves bytes between processes by MPI. A library of its own, loaded when a process joins ranks, so that
# nothing else needs MPI; left out where there is none (Debian: libopenmpi-dev).

find_package(MPI QUIET COMPONENTS CXX)
if(MPI_CXX_FOUND)
  add_library(alexnet_mpi SHARED mpi/open_mpi.cpp)
  get_target_property(mpi_includes MPI::MPI_CXX INTERFACE_INCLUDE_DIRECTORIES)
  target_include_directories(alexnet_mpi SYSTEM PRIVATE ${mpi_includes})
  target_link_libraries(alexnet_mpi PRIVATE MPI::MPI_CXX)
  install(TARGETS alexnet_mpi LIBRARY DESTINATION .)
  message(STATUS "MPI: ${MPI_CXX_LIBRARIES}, version ${MPI_CXX_VERSION}")
else()
  message(STATUS "MPI: none was found; runs of several processes need it")
endif()
