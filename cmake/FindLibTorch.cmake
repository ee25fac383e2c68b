# Finds LibTorch (>= 2.9): a folder with include/ and lib/, as in LibTorch's zip file, in a pip-installed
# `torch` package, or in .deps/libtorch, where ci/setup puts it. Searched in this order:
#   TICKETBENCH_LIBTORCH   variable, then environment; where it is set, nothing else is searched
#   CMAKE_PREFIX_PATH      variable, then environment; torch.utils.cmake_prefix_path is understood as well
#   .deps/libtorch         in the source folder
#
# Defines LibTorch::LibTorch, LibTorch_VERSION, LibTorch_ROOT_DIR. The target is libtorch_cpu and libc10 alone:
# LibTorch's own package would insist on a CUDA toolkit; CUDA's part is opened at run time.

include(FindPackageHandleStandardArgs)

if(NOT LibTorch_FIND_VERSION)
  set(LibTorch_FIND_VERSION 2.9)
endif()

if(TICKETBENCH_LIBTORCH)
  set(_candidates "${TICKETBENCH_LIBTORCH}")
elseif(DEFINED ENV{TICKETBENCH_LIBTORCH} AND NOT "$ENV{TICKETBENCH_LIBTORCH}" STREQUAL "")
  set(_candidates "$ENV{TICKETBENCH_LIBTORCH}")
else()
  set(_candidates ${CMAKE_PREFIX_PATH})
  string(REPLACE ":" ";" _from_environment "$ENV{CMAKE_PREFIX_PATH}")
  list(APPEND _candidates ${_from_environment} "${PROJECT_SOURCE_DIR}/.deps/libtorch")
endif()

unset(LibTorch_ROOT_DIR)
foreach(_candidate IN LISTS _candidates)
  foreach(_root IN ITEMS "${_candidate}" "${_candidate}/../..")
    get_filename_component(_root "${_root}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
    if(NOT LibTorch_ROOT_DIR
       AND EXISTS "${_root}/lib/libtorch_cpu.so"
       AND EXISTS "${_root}/include/torch/csrc/api/include/torch/torch.h")
      set(LibTorch_ROOT_DIR "${_root}")
    endif()
  endforeach()
endforeach()

unset(LibTorch_VERSION)
set(_reason "")
if(LibTorch_ROOT_DIR)
  # Up to 2.8 the numbers stood in the second file, which now only includes the first.
  foreach(_header IN ITEMS torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(NOT LibTorch_VERSION AND EXISTS "${LibTorch_ROOT_DIR}/include/${_header}")
      file(STRINGS "${LibTorch_ROOT_DIR}/include/${_header}" _numbers
           REGEX "^#define TORCH_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
      list(TRANSFORM _numbers REPLACE "^.* " "")
      list(JOIN _numbers "." LibTorch_VERSION)
    endif()
  endforeach()
endif()

if(NOT LibTorch_ROOT_DIR)
  list(JOIN _candidates "\n    " _searched)
  string(CONCAT _reason "No folder with lib/libtorch_cpu.so and LibTorch's headers in\n    ${_searched}\n"
         "  Run ci/setup, which fetches it into .deps/libtorch,\n"
         "  or set TICKETBENCH_LIBTORCH to the folder of a LibTorch >= ${LibTorch_FIND_VERSION}.\n")
elseif(LibTorch_VERSION AND LibTorch_VERSION VERSION_LESS LibTorch_FIND_VERSION)
  string(CONCAT _reason "The LibTorch in ${LibTorch_ROOT_DIR} is ${LibTorch_VERSION}, expected >= ${LibTorch_FIND_VERSION}.\n"
         "  Set TICKETBENCH_LIBTORCH to a newer one, or take its folder out of TICKETBENCH_LIBTORCH and CMAKE_PREFIX_PATH\n"
         "  and run ci/setup.\n")
endif()

find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_ROOT_DIR LibTorch_VERSION
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "${_reason}")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  foreach(_library IN ITEMS c10 torch_cpu)
    add_library(LibTorch::${_library} SHARED IMPORTED)
    set_target_properties(LibTorch::${_library} PROPERTIES
      IMPORTED_LOCATION "${LibTorch_ROOT_DIR}/lib/lib${_library}.so"
      IMPORTED_SONAME "lib${_library}.so")
  endforeach()

  # LibTorch's include folder also holds the headers of its own, newer fmt, which would hide those of the fmt that we
  # link: links to all of the others.
  set(_include "${PROJECT_BINARY_DIR}/libtorch/include")
  file(MAKE_DIRECTORY "${_include}")
  file(GLOB _headers RELATIVE "${LibTorch_ROOT_DIR}/include" "${LibTorch_ROOT_DIR}/include/*")
  list(REMOVE_ITEM _headers fmt)
  foreach(_header IN LISTS _headers)
    file(CREATE_LINK "${LibTorch_ROOT_DIR}/include/${_header}" "${_include}/${_header}" SYMBOLIC)
  endforeach()

  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE "${_include}" "${_include}/torch/csrc/api/include")
  target_link_libraries(LibTorch::LibTorch INTERFACE LibTorch::torch_cpu LibTorch::c10)
  target_compile_features(LibTorch::LibTorch INTERFACE cxx_std_20)
endif()
