# The revision a binary was built from: written at build time, and only rewritten when it differs.
add_custom_target(ticketbench_revision
  BYPRODUCTS ${PROJECT_BINARY_DIR}/generated/revision.hpp
  COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D OUTPUT=${PROJECT_BINARY_DIR}/generated/revision.hpp
          -D VERSION=${PROJECT_VERSION} -D COMPILER=${CMAKE_CXX_COMPILER_ID}\ ${CMAKE_CXX_COMPILER_VERSION}
          -P ${PROJECT_SOURCE_DIR}/cmake/revision.cmake
  VERBATIM)
