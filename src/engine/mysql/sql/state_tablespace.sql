-- MySQL. The one view that tells of table spaces to everybody.
IF(EXISTS(SELECT 1 FROM information_schema.tablespaces_extensions WHERE tablespace_name = {name}), 'there', 'absent')
