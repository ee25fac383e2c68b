# Warnings, sanitizers and the include root of every target of ours.
add_library(ticketbench_warnings INTERFACE)
target_compile_options(ticketbench_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
  # Of style's list -Wnull-dereference is left out: GCC 12 finds it in LibTorch's and nlohmann's inlined code.
  -Wno-missing-field-initializers  # designated initialisers leave members at their defaults on purpose
  $<$<BOOL:${TICKETBENCH_WERROR}>:-Werror>)
target_include_directories(ticketbench_warnings INTERFACE ${PROJECT_SOURCE_DIR})

if(TICKETBENCH_SANITIZE)
  add_compile_options(
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${TICKETBENCH_SANITIZE};-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
  add_link_options(-fsanitize=${TICKETBENCH_SANITIZE})
endif()
