execute_process(COMMAND git -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND git -C ${SOURCE} status --porcelain OUTPUT_VARIABLE changes ERROR_QUIET)
set(dirty false)
if(NOT revision)
  set(revision unknown)
  set(dirty true)
elseif(changes)
  set(dirty true)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#pragma once
inline constexpr char kVersion[] = \"${VERSION}\";
inline constexpr char kRevision[] = \"${revision}\";
inline constexpr bool kDirty = ${dirty};
inline constexpr char kCompiler[] = \"${COMPILER}\";
")
